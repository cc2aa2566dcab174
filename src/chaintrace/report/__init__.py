"""Text and bytes out: terminal tables, and later pages and exports. The only room where a number may be rounded."""
