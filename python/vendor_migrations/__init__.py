"""The Python side of vendor-migrations, which is a program: run it as `python -m vendor_migrations`."""
