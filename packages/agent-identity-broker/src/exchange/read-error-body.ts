import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import type { UpstreamResponse } from './upstream-response.js';

/** A refusal whose body takes longer counts as one without a body. */
const timeoutSeconds = 5;

/** Error bodies are far smaller. A larger one counts as empty. */
const maxErrorBytes = 64 * 1024;

const decoders: Readonly<Record<string, (bytes: Buffer) => Promise<Buffer>>> = {
  '': async (bytes) => bytes,
  identity: async (bytes) => bytes,
  gzip: (bytes) => promisify(gunzip)(bytes, { maxOutputLength: maxErrorBytes }),
  deflate: (bytes) => promisify(inflate)(bytes, { maxOutputLength: maxErrorBytes }),
  br: (bytes) => promisify(brotliDecompress)(bytes, { maxOutputLength: maxErrorBytes }),
};

/** Reads a copy of an error body; the client gets the body as it came. @throws for a body that is too long or not whole */
export async function readErrorBody(response: UpstreamResponse): Promise<string> {
  const decode = decoders[response.header('content-encoding')?.toLowerCase() ?? ''];
  const body = await response.readAhead(timeoutSeconds);
  if (body === undefined || decode === undefined) throw new Error('the body cannot be read');
  return (await decode(body)).toString();
}
