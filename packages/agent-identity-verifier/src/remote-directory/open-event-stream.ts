import { parseJson } from 'agent-identity-core/http';
import { createParser, type EventSourceMessage } from 'eventsource-parser';
import {
  maxResponseBytes,
  refuseResponse,
  toDirectoryFailure,
  unusableResponse,
} from './directory-errors.js';
import type { RemoteDirectorySettings } from './remote-directory-options.js';
import { sendToDirectory } from './send-to-directory.js';

/** An event of a stream, with its data as JSON. */
export interface StreamEvent {
  readonly event: string | undefined;
  readonly json: unknown;
}

/**
 * Opens a stream of server-sent events (HTML standard, section 9.2), and yields the events that each chunk completes.
 *
 * @throws AgentIdentityError the codes of `fetchFromDirectory`
 */
export async function* openEventStream(
  path: string,
  settings: RemoteDirectorySettings,
  signal: AbortSignal,
): AsyncGenerator<readonly StreamEvent[], void> {
  try {
    const headers = { accept: 'text/event-stream' };
    const response = await sendToDirectory({ path, headers }, settings, signal);
    if (response.status !== 200) throw await refuseResponse(response);
    if (
      !/^text\/event-stream\b/i.test(response.headers.get('content-type') ?? '') ||
      response.body === null
    ) {
      throw unusableResponse('expected a stream of events');
    }
    yield* readEvents(response.body);
  } catch (error) {
    throw toDirectoryFailure(error, settings.timeoutSeconds);
  }
}

async function* readEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<readonly StreamEvent[], void> {
  let events: EventSourceMessage[] = [];
  const parser = createParser({
    maxBufferSize: maxResponseBytes,
    onEvent: (event) => events.push(event),
    onError({ type }) {
      if (type === 'max-buffer-size-exceeded')
        throw unusableResponse(`expected events of at most ${maxResponseBytes} bytes`);
    },
  });
  const decoder = new TextDecoder();
  const reader = body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    parser.feed(decoder.decode(value, { stream: true }));
    yield events.map(({ event, data }) => ({ event, json: parseJson(data) }));
    events = [];
  }
}
