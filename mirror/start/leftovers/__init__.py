"""What an earlier mirror under the same names left behind, found before the first deployment of a new one."""
