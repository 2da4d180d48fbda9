/** The parts of a Responses API request that this model reads. */
export interface ModelRequest {
  readonly model?: string;
  readonly input?: unknown;
  readonly stream?: boolean;
  readonly tools?: readonly ToolDefinition[];
}

interface ToolDefinition {
  readonly type: string;
  readonly name?: string;
  readonly parameters?: { readonly properties?: Readonly<Record<string, unknown>> };
}

/** The output of the model: text or a tool call. */
export type ModelAnswer =
  | { readonly text: string }
  | { readonly toolName: string; readonly toolArguments: Readonly<Record<string, number>> };

/**
 * A model that repeats its input. If the request has a function, the model first calls it with the numbers in the input as
 * arguments, and then repeats the result.
 */
export function answer({ input, tools = [] }: ModelRequest, taskId: string): ModelAnswer {
  const results = itemsOf(input).filter(({ type }) => type === 'function_call_output');
  if (results.length > 0)
    return { text: `The tool says ${results.map(({ output }) => String(output)).join(', ')}.` };
  const text = readText(input);
  const tool = tools.find(({ type }) => type === 'function');
  if (tool?.name === undefined) return { text: `Under ${taskId} you said: ${text}` };
  const numbers = text.match(/\d+/g)?.map(Number) ?? [];
  const parameters = Object.keys(tool.parameters?.properties ?? {});
  const toolArguments = Object.fromEntries(parameters.map((name, i) => [name, numbers[i] ?? 0]));
  return { toolName: tool.name, toolArguments };
}

interface InputItem {
  readonly type?: string;
  readonly content?: unknown;
  readonly output?: unknown;
}

function itemsOf(input: unknown): readonly InputItem[] {
  return Array.isArray(input) ? input : [];
}

/** Returns the text of the input: a string, or a list of messages whose content is a string or a list of parts. */
function readText(input: unknown): string {
  if (typeof input === 'string') return input;
  const parts = itemsOf(input).flatMap(({ content }) => (Array.isArray(content) ? content : [content]));
  return parts.map((part) => (typeof part === 'string' ? part : (part?.text ?? ''))).join(' ');
}
