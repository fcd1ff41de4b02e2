"""The load of a drill: production's producers and groups, which number every record and tell what they see.

`region-mirror drill cutover --load 'python -m lab.drill'` starts it, reads its lines from stdout and directs
it by words on its stdin (docs/drills.md).
"""
