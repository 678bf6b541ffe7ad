/** The little of JSON-RPC over streams that an editor without a screen needs. */

import type { Readable, Writable } from 'node:stream';

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
}

export class JsonRpc {
  private buffer = Buffer.alloc(0);
  private nextId = 1;
  private readonly pending = new Map<number, (result: unknown) => void>();

  constructor(
    from: Readable,
    private readonly to: Writable,
    /** Answers requests, and hears notifications. */
    private readonly heard: (method: string, params: unknown) => unknown,
  ) {
    from.on('data', (chunk: Buffer) => {
      this.buffer = Buffer.concat([this.buffer, chunk]);
      for (let message = this.take(); message !== undefined; message = this.take()) this.handle(message);
    });
  }

  notify(method: string, params: unknown): void {
    this.send({ method, params });
  }

  request(method: string, params: unknown): Promise<unknown> {
    const id = this.nextId++;
    return new Promise((answered) => {
      this.pending.set(id, answered);
      this.send({ id, method, params });
    });
  }

  private send(message: Message): void {
    const body = Buffer.from(JSON.stringify({ jsonrpc: '2.0', ...message }));
    this.to.write(Buffer.concat([Buffer.from(`Content-Length: ${body.length}\r\n\r\n`), body]));
  }

  /** The next message that has arrived whole. */
  private take(): Message | undefined {
    const head = this.buffer.indexOf('\r\n\r\n');
    if (head < 0) return undefined;
    const length = Number(/Content-Length: (\d+)/i.exec(this.buffer.toString('latin1', 0, head))?.[1]);
    const end = head + 4 + length;
    if (this.buffer.length < end) return undefined;
    const message = JSON.parse(this.buffer.toString('utf8', head + 4, end)) as Message;
    this.buffer = this.buffer.subarray(end);
    return message;
  }

  private handle({ id, method, params, result }: Message): void {
    if (method !== undefined) {
      const answer = this.heard(method, params);
      if (id !== undefined) this.send({ id, result: answer ?? null });
    } else if (id !== undefined) {
      this.pending.get(id)?.(result);
      this.pending.delete(id);
    }
  }
}
