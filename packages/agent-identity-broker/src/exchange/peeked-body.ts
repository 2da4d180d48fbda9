import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import { startTimer } from 'agent-identity-core/http';

/** Error bodies are far smaller. A larger one counts as empty. */
const maxErrorBytes = 64 * 1024;

/** A refusal whose body takes longer counts as one without a body. */
const bodyTimeoutSeconds = 5;

/** The beginning of a response body that was read ahead. The response is paused after it. */
export interface PeekedBody {
  readonly chunks: readonly Buffer[];
  /** Whether the chunks are the whole body. */
  readonly isWhole: boolean;
}

/** Reads the body of a refusal, as far as it comes in time and is short. Never rejects. */
export function peekBody(response: IncomingMessage): Promise<PeekedBody> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  return new Promise((resolve) => {
    const finish = () => {
      cancelTimer();
      response.pause();
      for (const [name, listener] of Object.entries(listeners)) response.off(name, listener);
      resolve({ chunks, isWhole: response.readableEnded });
    };
    const cancelTimer = startTimer(bodyTimeoutSeconds * 1000, finish);
    const listeners = {
      data(chunk: Buffer) {
        chunks.push(chunk);
        bytes += chunk.length;
        if (bytes > maxErrorBytes) finish();
      },
      end: finish,
      close: finish,
    };
    for (const [name, listener] of Object.entries(listeners)) response.on(name, listener);
  });
}

const decoders: Readonly<Record<string, (bytes: Buffer) => Promise<Buffer>>> = {
  '': async (bytes) => bytes,
  identity: async (bytes) => bytes,
  gzip: (bytes) => promisify(gunzip)(bytes, { maxOutputLength: maxErrorBytes }),
  deflate: (bytes) => promisify(inflate)(bytes, { maxOutputLength: maxErrorBytes }),
  br: (bytes) => promisify(brotliDecompress)(bytes, { maxOutputLength: maxErrorBytes }),
};

/** Decodes a copy of an error body; the client gets the body as it came. @throws for a body that is too long or not whole */
export async function decodeErrorBody(response: IncomingMessage, peeked: PeekedBody): Promise<string> {
  const decode = decoders[response.headers['content-encoding']?.toLowerCase() ?? ''];
  if (!peeked.isWhole || decode === undefined) throw new Error('the body cannot be read');
  return (await decode(Buffer.concat(peeked.chunks))).toString();
}
