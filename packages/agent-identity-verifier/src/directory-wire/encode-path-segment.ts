const maxSegmentLength = 512;

/**
 * Escapes an id as one path segment.
 *
 * @returns `undefined` if that is not possible: `.` and `..` change a path even if escaped, and a lone surrogate cannot be
 * escaped (docs/protocol.md section 6)
 */
export function encodePathSegment(id: string): string | undefined {
  if (id === '' || id === '.' || id === '..' || !id.isWellFormed()) return undefined;
  const segment = encodeURIComponent(id);
  return segment.length <= maxSegmentLength ? segment : undefined;
}
