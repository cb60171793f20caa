import type { WarmpoolError } from "../model/error.js";
import type { HeldTicket, LentResource } from "./holder-desk.js";

/** What the runtime keeps with a ticket: whoever must be told what becomes of it. */
export interface Handle {
  /** The ticket has its lease, and that is committed. */
  granted(resource: LentResource): void;
  /** The lease's deadline passed. */
  overdue(): void;
  /** The ticket ended by something else than its holder. */
  closed(): void;
  /**
   * There is no engine for a while: the store is being opened, or opened anew.
   *
   * @param leadsForMs For how long nobody else can lead; absent: nobody else ever can.
   */
  suspended(leadsForMs?: number): void;
  /** The engine was loaded anew: `find` gives what the store has of a ticket of before, if it has it. */
  reloaded(find: (before: HeldTicket) => HeldTicket | undefined): void;
  /** The pool closes: nobody gets anything any more. What was lent goes on. */
  stopWaiting(error: WarmpoolError): void;
  /** The store is lost for good. */
  failed(error: WarmpoolError): void;
}
