"""``python -m countgrid``: the command `countgrid`."""

from countgrid._command import main

if __name__ == "__main__":
    main()
