"""How requests reach the application: gathered whole before a thread is given to them."""
