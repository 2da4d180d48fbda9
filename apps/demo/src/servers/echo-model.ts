/** The body of a Responses API request, as far as this model reads it. */
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

/** What the model makes of it: a text, or the wish to have a tool called. */
export type ModelAnswer =
  | { readonly text: string }
  | { readonly toolName: string; readonly toolArguments: Readonly<Record<string, number>> };

/**
 * A model that repeats what it was told. Given a function, it first has it called, with the numbers of what it was told
 * as the arguments, and then repeats what came of it.
 */
export function answer({ input, tools = [] }: ModelRequest, taskId: string): ModelAnswer {
  const results = itemsOf(input).filter(({ type }) => type === 'function_call_output');
  if (results.length > 0)
    return { text: `The tool says ${results.map(({ output }) => String(output)).join(', ')}.` };
  const told = textOf(input);
  const tool = tools.find(({ type }) => type === 'function');
  if (tool?.name === undefined) return { text: `Under ${taskId} you said: ${told}` };
  const numbers = told.match(/\d+/g)?.map(Number) ?? [];
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

/** The text of the input, which is a string or a list of messages whose content is a string or a list of parts. */
function textOf(input: unknown): string {
  if (typeof input === 'string') return input;
  const parts = itemsOf(input).flatMap(({ content }) => (Array.isArray(content) ? content : [content]));
  return parts.map((part) => (typeof part === 'string' ? part : (part?.text ?? ''))).join(' ');
}
