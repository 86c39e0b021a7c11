"""What a mail says, put together when it is sent, and its sending."""
