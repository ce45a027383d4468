"""`python -m config.postgres start|stop|status` for the server of VAR_DIR; status exits 3 when it is down."""

import sys

from config.postgres import EmbeddedPostgresError, data_dir, default_var, ensure, is_up, stop


def main(argv: list[str]) -> int:
    """`start`, `stop` or `status` for the server of VAR_DIR; status exits 3 when it is down."""
    var = default_var()
    try:
        match argv:
            case ["start"]:
                ensure(var)
            case ["stop"]:
                stop(var)
            case ["status"]:
                up = is_up(var)
                print(f"{'up' if up else 'down'}: {data_dir(var)}")
                return 0 if up else 3
            case _:
                print("usage: python -m config.postgres start|stop|status", file=sys.stderr)
                return 2
    except EmbeddedPostgresError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
