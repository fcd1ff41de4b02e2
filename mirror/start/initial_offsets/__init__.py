"""Where mirroring begins: positions written for MM2 before it runs for the first time.

MM2 itself knows only its consumer's `auto.offset.reset`, for every partition it has no position of. With
`latest` there it would skip the head of each topic that is created later, silently. So `mirror.start_from`
leaves that setting alone and gives MM2 positions for the partitions that exist when the mirror is first
deployed, and for no others.
"""
