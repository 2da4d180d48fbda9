import { startTimer } from 'agent-identity-core/http';
import { directoryChangesPath } from 'agent-identity-verifier/directory-wire';
import * as z from 'zod';
import type { Operation, Route } from '../http/operation.js';
import { readQuery } from '../http/read-input.js';
import type { ChangeFeed, FeedEvent } from './change-feed.js';

export interface ChangesRouteParts {
  readonly changeFeed: ChangeFeed;
}

const querySchema = z.strictObject({
  after: z
    .string()
    .regex(/^\d{1,15}$/, 'expected a position of an earlier stream')
    .optional()
    .meta({ description: 'The last position of an earlier stream, to continue there.' }),
});

const operation: Operation = {
  operationId: 'followDirectory',
  method: 'get',
  path: directoryChangesPath,
  summary: 'Streams changes of runtimes, tasks and instances to verifiers (server-sent events)',
  access: 'verifier',
  query: querySchema,
  response: {
    description: 'The events change, position and reset, with JSON as data',
    schema: z.string(),
    mediaType: 'text/event-stream',
  },
  errors: [],
};

/** After this time a verifier has to show its access token again. */
const maxStreamMilliseconds = 600_000;
/** A verifier that does not read loses its connection, before its events fill the memory. */
const maxQueuedEvents = 2000;

/** Creates the route that `remoteDirectory` of agent-identity-verifier follows; see its `directory-wire`. */
export function createChangesRoute({ changeFeed }: ChangesRouteParts): Route {
  return {
    operation,
    handle(context) {
      const { after } = readQuery(context, querySchema);
      return context.body(openStream(changeFeed, after === undefined ? undefined : Number(after)), 200, {
        'content-type': 'text/event-stream',
        'cache-control': 'no-store',
        // nginx would collect events before it passes them on.
        'x-accel-buffering': 'no',
      });
    },
  };
}

function openStream(changeFeed: ChangeFeed, after: number | undefined): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let stop = () => {};
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        const end = () => {
          stop();
          controller.close();
        };
        const onEvent = (event: FeedEvent) => {
          if ((controller.desiredSize ?? 0) <= 0) return end();
          controller.enqueue(encoder.encode(formatEvent(event)));
        };
        const unfollow = changeFeed.follow(after, onEvent, end);
        const cancelTimer = startTimer(maxStreamMilliseconds, end);
        stop = () => {
          unfollow();
          cancelTimer();
        };
      },
      cancel: () => stop(),
    },
    { highWaterMark: maxQueuedEvents },
  );
}

function formatEvent(event: FeedEvent): string {
  const data = event.kind === 'change' ? event.change : { after: event.after };
  return `event: ${event.kind}\ndata: ${JSON.stringify(data)}\n\n`;
}
