"""Operations: recurring work that a person attests."""
