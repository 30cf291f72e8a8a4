/** Lets what has arrived in the meantime be heard: what Git prints, a signal, a message. Work between two turns cannot be interrupted. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve))
}
