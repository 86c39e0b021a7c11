"""The ministry's own figures beside ours."""
