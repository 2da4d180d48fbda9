import {
  type AgentDirectory,
  createAssertionVerifier,
  verificationFailureResponse,
} from 'agent-identity-verifier';
import { Hono } from 'hono';
import { streamSSE } from 'hono/streaming';
import { answer, type ModelRequest } from './echo-model.js';
import { compaction, completedResponse, responseEvents } from './model-responses.js';

type Variables = {
  agent: { readonly agentRuntimeId: string; readonly taskId: string; readonly accountId: string };
};

/**
 * A first-party model provider: the Responses API with `/responses` (streamed or whole) and `/responses/compact`, for
 * agents that prove themselves by an assertion.
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
    const request = await context.req.json<ModelRequest>();
    const modelAnswer = answer(request, context.get('agent').taskId);
    const response = completedResponse(request.model ?? 'echo-1', modelAnswer);
    if (request.stream !== true) return context.json(response);
    return streamSSE(context, async (stream) => {
      for (const event of responseEvents(response)) {
        await stream.writeSSE({ event: event.type, data: JSON.stringify(event) });
      }
    });
  });

  app.post('/responses/compact', async (context) => {
    const { model = 'echo-1', input } = await context.req.json<ModelRequest>();
    return context.json(compaction(model, input));
  });

  return app;
}
