"""Speed is measured side by side: rivals take turns at random in one process, so that a slow minute is shared by all.

Reading order: pinning, subjects and rivals (who runs), timing (how), memory, table, goals, verdicts, compare, command.
"""
