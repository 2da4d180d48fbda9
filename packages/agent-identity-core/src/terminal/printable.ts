/**
 * Escapes the characters that a terminal acts on or that reorder text: control characters, line separators and
 * bidirectional controls. Text that is shown may come from anyone.
 *
 * @example
 * ```ts
 * import { printable } from 'agent-identity-core/terminal';
 *
 * printable('a\u001b[31mb'); // 'a\\u{1b}[31mb'
 * ```
 */
export function printable(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`,
  );
}
