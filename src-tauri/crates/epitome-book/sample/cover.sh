#!/bin/sh
# Draws cover.png with ImageMagick, in the colours of the window's paper and accent.
set -eu
cd "$(dirname "$0")"
convert -size 600x900 xc:'#1f6f63' \
  -fill none -stroke '#d5e8e3' -strokewidth 3 -draw 'rectangle 36,36 564,864' \
  -fill '#fbfaf7' -stroke none -draw 'circle 300,560 300,400' \
  -fill '#1f6f63' -draw 'ellipse 300,600 62,78 0,360' \
  -draw 'ellipse 262,482 20,74 0,360' -draw 'ellipse 338,482 20,74 0,360' \
  -fill '#d5e8e3' -draw 'ellipse 262,486 9,52 0,360' -draw 'ellipse 338,486 9,52 0,360' \
  -fill '#fbfaf7' -draw 'circle 276,588 276,581' -draw 'circle 324,588 324,581' \
  -fill '#fbfaf7' -gravity north -pointsize 58 -annotate +0+110 "Alice’s Adventures" \
  -annotate +0+184 'in Wonderland' -pointsize 34 -annotate +0+780 'Lewis Carroll' \
  -resize 480x720 -strip +dither -colors 24 -define png:compression-level=9 -define png:exclude-chunks=date,time PNG8:cover.png
