"""Controls of apps of App Service: web apps, function apps and their deployment slots."""
