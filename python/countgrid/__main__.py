"""``python -m countgrid``: the command `countgrid`."""

from _countgrid_command import main

if __name__ == "__main__":
    main()
