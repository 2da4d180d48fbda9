import { coreError } from '../errors.js';

/**
 * Reads a response body as UTF-8 text, and no more than `maxBytes` of it: the rest is cancelled, unread.
 *
 * @throws AgentIdentityError `response_too_large`, unless `truncate` is given
 */
export async function readBoundedText(
  response: Response,
  maxBytes: number,
  { truncate = false }: { readonly truncate?: boolean } = {},
): Promise<string> {
  const reader = response.body?.getReader();
  if (reader === undefined) return '';
  const decoder = new TextDecoder();
  let text = '';
  let remaining = maxBytes;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    // So written, a limit that is no number lets nothing through.
    if (!(value.length <= remaining)) {
      // Not waited for: of a response that was cloned, it would wait until the other half is cancelled too.
      reader.cancel().catch(() => {});
      if (truncate) return text + decoder.decode(value.subarray(0, remaining));
      throw coreError('response_too_large', `the response body is over ${maxBytes} bytes`);
    }
    remaining -= value.length;
    text += decoder.decode(value, { stream: true });
  }
}
