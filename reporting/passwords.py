"""How long a password must be, said in words that Django's Vietnamese catalogue has."""

from django.contrib.auth.password_validation import MinimumLengthValidator


class LengthValidator(MinimumLengthValidator):
    def get_error_message(self):
        return self.get_help_text()  # Django's own message for a short password is not translated
