"""The ministry's own figures beside ours, and the explanations that the city asks for."""
