/** Reads the elements of a DER encoding (X.690) of less than 128 bytes, in which every length is one byte. */
export interface DerReader {
  /** Returns the content of the next element, or `undefined` if it has another tag or is longer than the input. */
  read(tag: number): Uint8Array | undefined;
  /** Like `read`, but returns a reader for the content. */
  enter(tag: number): DerReader | undefined;
  atEnd(): boolean;
}

export function derReader(bytes: Uint8Array): DerReader {
  let offset = 0;
  const reader: DerReader = {
    read(tag) {
      const length = bytes[offset + 1];
      if (bytes[offset] !== tag || length === undefined || length > 127) return undefined;
      const start = offset + 2;
      if (start + length > bytes.length) return undefined;
      offset = start + length;
      return bytes.subarray(start, offset);
    },
    enter(tag) {
      const content = reader.read(tag);
      return content && derReader(content);
    },
    atEnd: () => offset === bytes.length,
  };
  return reader;
}
