import { type AgentDirectory, createAssertionVerifier } from 'agent-identity-verifier';
import { requireAgent } from 'agent-identity-verifier/hono';
import { Hono } from 'hono';
import { streamSSE } from 'hono/streaming';
import { answer, type ModelRequest } from './echo-model.js';
import { compaction, completedResponse, responseEvents } from './model-responses.js';

/**
 * Creates a first-party model provider: the Responses API with `/responses` (streamed or not) and `/responses/compact`, for
 * agents that send an assertion.
 */
export function createProvider({ directory }: { readonly directory: AgentDirectory }) {
  const verifier = createAssertionVerifier({ directory });
  return new Hono()
    .basePath('/v1')
    .use(requireAgent(verifier))
    .post('/responses', async (context) => {
      const request = await context.req.json<ModelRequest>();
      const modelAnswer = answer(request, context.get('agent').taskId);
      const response = completedResponse(request.model ?? 'echo-1', modelAnswer);
      if (request.stream !== true) return context.json(response);
      return streamSSE(context, async (stream) => {
        for (const event of responseEvents(response)) {
          await stream.writeSSE({ event: event.type, data: JSON.stringify(event) });
        }
      });
    })
    .post('/responses/compact', async (context) => {
      const { model = 'echo-1', input } = await context.req.json<ModelRequest>();
      return context.json(compaction(model, input));
    });
}
