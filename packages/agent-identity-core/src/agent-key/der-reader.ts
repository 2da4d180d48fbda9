/** Walks the elements of a DER encoding (X.690), for documents below 128 bytes: lengths are of one byte. */
export interface DerReader {
  /** The content of the next element if it has this tag; `undefined` otherwise, or if it runs over the end. */
  read(tag: number): Uint8Array | undefined;
  /** A reader of that content. */
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
