package pcs

import "strings"

// stripEscapes removes the control sequences of terminals (ECMA-48 and xterm).
// Colours, titles and modes change no character of the text; moves tells that
// one was there that moves the cursor or erases.
func stripEscapes(s string) (plain string, moves bool) {
	var b strings.Builder
	b.Grow(len(s))
	for i := 0; i < len(s); i++ {
		if s[i] != 0x1b {
			b.WriteByte(s[i])
			continue
		}
		i++
		if i >= len(s) {
			return b.String(), true // cut
		}
		switch s[i] {
		case '[': // parameters, then one final byte from @ to ~
			start := i + 1
			for i++; i < len(s) && (s[i] < 0x40 || s[i] > 0x7e); i++ {
			}
			if i >= len(s) {
				return b.String(), true
			}
			moves = moves || csiMoves(s[start:i], s[i])
		case ']', 'P', '_', '^', 'X': // a string, up to BEL or ESC \
			for i++; i < len(s) && s[i] != 0x07 && s[i] != 0x1b; i++ {
			}
			if i < len(s) && s[i] == 0x1b {
				i++
			}
		case '(', ')', '*', '+', '%', '#', ' ': // character sets: one more byte
			i++
		case '=', '>', '7', 'N', 'O', '\\': // keypad, save the cursor, shifts
		default: // up, down, restore, reset
			moves = true
		}
	}
	return b.String(), moves
}

// csiMoves tells that a control sequence moves the cursor or erases. Erasing
// from the cursor on erases nothing while the cursor stands at the end.
func csiMoves(params string, final byte) bool {
	switch final {
	case 'm', 'h', 'l', 'n', 'c', 'q', 's', 't', 'p', 'g', 'y', 'x':
		return strings.Contains(params, "1049") || params == "?47" // another screen
	case 'K', 'J':
		return params != "" && params != "0"
	}
	return true
}
