"""What actors do, one module per aggregate, one function per verb. Services never commit; the edge opens the transaction."""
