/**
 * Escapes the characters that a terminal acts on or that reorder text: control characters, line separators and
 * bidirectional controls. Input that is inspected may come from anyone.
 */
export function printable(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`,
  );
}
