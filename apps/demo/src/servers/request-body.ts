import { Decompress } from 'fzstd';
import { createMiddleware } from 'hono/factory';
import { HTTPException } from 'hono/http-exception';

/** No request body is larger, compressed or not. */
const maxBytes = 32 * 1024 * 1024;

/**
 * Replaces a zstd request body, which the Codex CLI sends by default, with its content. Refuses other encodings with 415
 * and bodies over 32 MiB with 413.
 */
export const decompressBody = createMiddleware(async ({ req }, next) => {
  const encoding = req.header('content-encoding')?.toLowerCase() ?? 'identity';
  if (encoding === 'zstd') {
    const headers = new Headers(req.raw.headers);
    headers.delete('content-encoding');
    headers.delete('content-length');
    const { url, method, signal } = req.raw;
    req.raw = new Request(url, { method, headers, signal, body: await readZstd(req.raw.body) });
  } else if (encoding !== 'identity') {
    throw new HTTPException(415, { message: `expected a body in zstd or not encoded` });
  }
  await next();
});

async function readZstd(body: ReadableStream<Uint8Array> | null): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  const decompressor = new Decompress((chunk) => {
    length += chunk.length;
    if (length > maxBytes) throw new HTTPException(413, { message: `the body is over ${maxBytes} bytes` });
    chunks.push(chunk);
  });
  try {
    for await (const chunk of body ?? []) decompressor.push(chunk);
    decompressor.push(new Uint8Array(), true);
  } catch (error) {
    if (error instanceof HTTPException) throw error;
    throw new HTTPException(400, { message: 'expected a zstd body' });
  }
  return new Uint8Array(Buffer.concat(chunks));
}
