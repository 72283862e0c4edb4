"""What is sent to and answered by the REST API: shared by server and client."""
