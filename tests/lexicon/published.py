"""The beginnings of published lexicons."""

AFINN = "abandon\t-2\ncan't stand\t-3\nfun\t4\n"
VADER = "$:\t-1.5\t0.80623\t[-1, -1, -1, -1]\n(-:\t1.6\t0.48990\t[2, 2, 1, 2]\nabandon\t-1.9\t0.5\t[-1, -2]\n"
NRC = "aback\tanger\t0\naback\tjoy\t0\nabandon\tanger\t0\nabandon\tfear\t1\nabba\tpositive\t1\nabbey\tjoy\t0\n"
