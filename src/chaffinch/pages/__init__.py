"""Reports as one HTML file each: no script, nothing from outside, whatever texts they show."""
