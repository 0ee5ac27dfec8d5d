"""What a project can do by itself, as Procrastinate's guide begins: import the package, ask it for its migrations, and copy them.

The first argument is the directory to copy to. A second one names other migrations to copy, in place of the installed package's.
"""

import pathlib
import shutil
import sys

from procrastinate.schema import SchemaManager

target = pathlib.Path(sys.argv[1])
source = SchemaManager.get_migrations_path()
shutil.copytree(sys.argv[2] if len(sys.argv) > 2 else source, target, dirs_exist_ok=True)
