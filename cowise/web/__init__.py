"""The door for browsers: an HTTP API, events, and the page that uses them. Imports loop, core and guard only.

`cowise.web.app:create` makes the application; `cowise.web.server:serve` runs it.
"""
