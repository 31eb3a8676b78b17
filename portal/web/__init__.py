"""The pages: thin views over selectors, the frame around them and the components they are made of."""
