"""Controls of web apps, function apps and their deployment slots in App Service."""
