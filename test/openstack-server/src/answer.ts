/** What a service says. */
export interface Answer {
  readonly status: number;
  readonly body?: object | undefined;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A refusal, thrown from anywhere in a service. */
export class Refusal extends Error {
  readonly answer: Answer;

  constructor(answer: Answer) {
    super(JSON.stringify(answer.body));
    this.answer = answer;
  }
}

/** As Nova and Cinder say it: named after the status. */
const NAMES: Readonly<Record<number, string>> = {
  400: "badRequest",
  401: "unauthorized",
  403: "forbidden",
  404: "itemNotFound",
  406: "notAcceptable",
  409: "conflictingRequest",
  413: "overLimit",
};

export function novaRefusal(code: number, message: string): Refusal {
  return new Refusal({ status: code, body: { [NAMES[code] ?? "computeFault"]: { code, message } } });
}

export function neutronRefusal(status: number, type: string, message: string): Refusal {
  return new Refusal({ status, body: { NeutronError: { type, message, detail: "" } } });
}

export function keystoneRefusal(code: number, title: string, message: string): Refusal {
  return new Refusal({ status: code, body: { error: { code, title, message } } });
}
