import { podWhys } from './why-container.js'
import { overlayWhys } from './why-overlays.js'
import { metadataWhys } from './why-service.js'
import { trafficWhys } from './why-traffic.js'

/** Why each rule holds, by its code. They stand apart from the rules, which are loaded with every command. */
export const ruleWhys: Readonly<Record<`KN3${string}` | `KN6${string}`, string>> = {
  ...trafficWhys,
  ...metadataWhys,
  ...podWhys,
  ...overlayWhys,
}
