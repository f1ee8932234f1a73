"""Which words are spoken, and how speakers of other languages say the digits."""

from __future__ import annotations

DIGITS = tuple("zero one two three four five six seven eight nine".split())
#: What people also say for zero.
OH = "oh"
#: The other words of the Speech Commands data set (P. Warden, arXiv:1804.03209, 2018).
COMMANDS = tuple(
    "yes no up down left right on off stop go bed bird cat dog happy house marvin sheila tree wow"
    " ".split()
)
#: Words that are none of the above, to teach doubt: the first twenty sound much like a digit.
OTHERS = tuple(
    "none nice fine fire line sick seventy heaven hundred eleven twelve wait mine hero free fly sun"
    " thin door hate hello money water people mother father school music morning window table paper"
    " number letter river mountain summer winter red green blue yellow black white big small open"
    " close play turn light back again please thanks sorry maybe never always today monday friday"
    " apple orange banana coffee doctor phone".split()
)

#: The digits and "oh", as a reader of another language would write what they hear, by espeak-ng's
#: name of the language: its voices then say them with the sounds of their own.
FOREIGN = {
    "cs": "zírou van tú srí fór fajv siks sevn ejt najn ou",
    "de": "siro wann tu sri for faif sicks sewen eht nain oh",
    "el": "ζίρο ουάν του θρι φορ φάιβ σιξ σέβεν έιτ νάιν όου",
    "es": "siro uan tu srí for faiv sics seven eit nain ou",
    "es-419": "siro uan tu sri for faiv sics seven eit nain ou",
    "fi": "siro van tuu srii foor faiv siks seven eit nain ou",
    "fr": "ziro ouane tou sri for faïve sixe sévenne éïte naïne o",
    "hi": "ज़ीरो वन टू थ्री फ़ोर फ़ाइव सिक्स सेवन एट नाइन ओ",
    "hu": "ziro van tú szri for fájv szix szeven éjt nájn ó",
    "id": "ziro wan tu sri for faif siks seven eit nain ou",
    "it": "ziro uan tu sri for faiv sics seven eit nain ou",
    "nl": "ziero wan toe srie foor faif six seven eet nain oo",
    "pl": "ziro łan tu sri for fajw siks sewen ejt najn oł",
    "pt": "zírou uâne tu sri fór faive sics sévene eite naine ôu",
    "ro": "zirou uan tu sri for faiv sics seven eit nain ou",
    "ru": "зиро уан ту сри фор файв сикс сэвен эйт найн оу",
    "sv": "siro vann to sri får fajv sicks seven ejt najn åo",
    "tr": "ziro van tu sri for fayv siks sevın eyt nayn ov",
}
