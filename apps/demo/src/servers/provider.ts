import {
  type AgentDirectory,
  createAssertionVerifier,
  verificationFailureResponse,
} from 'agent-identity-verifier';
import { Hono } from 'hono';
import { streamSSE } from 'hono/streaming';
import { compaction, completedResponse, responseEvents } from './model-responses.js';

/** The body of a Responses API request, as far as this provider reads it. */
interface ResponsesRequest {
  readonly model?: string;
  readonly input?: unknown;
  readonly stream?: boolean;
}

type Variables = {
  agent: { readonly agentRuntimeId: string; readonly taskId: string; readonly accountId: string };
};

/**
 * A first-party model provider: the Responses API with `/responses` (streamed or whole) and `/responses/compact`, for
 * agents that prove themselves by an assertion. Its model repeats what it was told.
 */
export function createProvider({
  directory,
}: {
  readonly directory: AgentDirectory;
}): Hono<{ Variables: Variables }> {
  const verifier = createAssertionVerifier({ directory });
  const app = new Hono<{ Variables: Variables }>().basePath('/v1');

  app.use(async (context, next) => {
    try {
      const accountId = context.req.header('chatgpt-account-id');
      context.set('agent', await verifier.verify(context.req.header('authorization'), { accountId }));
    } catch (error) {
      const { status, headers, body } = verificationFailureResponse(error);
      return Response.json(body, { status, headers });
    }
    return next();
  });

  app.post('/responses', async (context) => {
    const request = await context.req.json<ResponsesRequest>();
    const response = completedResponse(
      request.model ?? 'echo-1',
      answerTo(request.input, context.get('agent').taskId),
    );
    if (request.stream !== true) return context.json(response);
    return streamSSE(context, async (stream) => {
      for (const event of responseEvents(response)) {
        await stream.writeSSE({ event: event.type, data: JSON.stringify(event) });
      }
    });
  });

  app.post('/responses/compact', async (context) => {
    const { input } = await context.req.json<ResponsesRequest>();
    return context.json(compaction(input));
  });

  return app;
}

function answerTo(input: unknown, taskId: string): string {
  const text = typeof input === 'string' ? input : JSON.stringify(input ?? '');
  return `Under ${taskId} you said: ${text}`;
}
