import type { UrlSpec } from '../config/config.js'
import type { CommentNote } from '../edit/tokens.js'
import type { Applied } from '../kustomize/layers/layer.js'
import type { RealBuild } from '../kustomize/real-build.js'
import type { FileReading } from '../manifest/find.js'
import type { SnapshotFile } from '../manifest/live.js'
import type { TrafficTarget } from '../manifest/traffic.js'
import type { Profile } from '../manifest/profile.js'
import type { Shape } from '../schema/check.js'
import type { MoveRequest } from '../stages/apply.js'
import type { RolloutPlan } from '../stages/stages.js'
import type { Wish } from '../stages/roles.js'
import type { Address, UrlScheme } from '../stages/url.js'
import type { TemplateChange } from '../stages/release-fields.js'
import type { Diagnostic } from '../text/diagnostic.js'
import type { Edit } from '../text/edit.js'
import type { Range, SourceFile } from '../text/source.js'
import type { FileHistory } from '../text/words.js'
import type { Severities } from './diagnostics.js'

/** What stands around the Services of a run in their repository: it decides what becomes of an edit. */
export type Surroundings = {
  /** The kustomizations that name the Services' files, one another, or what is laid over them. */
  readonly kustomizations: readonly SourceFile[]
  /** What those name besides the files of the run: bases, and patches of any kind. */
  readonly files: readonly SourceFile[]
  /** What else they name: what generators, replacements and other resources are made of. */
  readonly inputs?: readonly SourceFile[]
  /** The paths of the kustomizations that the run is about for their own sake, whatever files it was given. */
  readonly asked?: ReadonlySet<string>
  /** The places of what they name and was refused, which is said elsewhere. */
  readonly refused?: ReadonlySet<string>
  /** Files in which another controller may be given the traffic. */
  readonly owners: readonly SourceFile[]
  /** What other controllers are told to apply, and what they lay over it. */
  readonly applied?: Applied
  /** What the real kustomize built of roots, by the paths of their kustomizations, where it was asked. */
  readonly builds?: ReadonlyMap<string, RealBuild>
  /** The paths of the files of such objects that a run was given, or whose folders it looks through; without it, all. */
  readonly askedAppliers?: ReadonlySet<string>
  /** Where files are, by their `path`: absolute, with `/`. One that is not in it is where its `path` says. */
  readonly places?: ReadonlyMap<string, string>
  /** Places of links, and the `path` of the file that each leads to. */
  readonly links?: ReadonlyMap<string, string>
}

/** Where a file of a run is. */
export function placeIn({ places }: Surroundings, { path }: SourceFile): string {
  return places?.get(path) ?? path
}

/** A file of a run, read. */
export type ReadSource = { readonly file: SourceFile; readonly reading: FileReading }

/** The older side of a change. */
export type Base = {
  /** The files as they were: those that the change touches, and those that are looked at though it does not. */
  readonly files: readonly SourceFile[]
  /** What stood around them. */
  readonly surroundings?: Surroundings
  /** The paths of all that the change touches, on either side. */
  readonly touched?: ReadonlySet<string>
  /** Set where only what users named counts, and not all that the change touches. */
  readonly isLimited?: true
  /** What led to them, by the path of the older file. */
  readonly histories?: ReadonlyMap<string, FileHistory>
  /**
   * What the commits did to the files of the newer side since the base, by the path of the newer file: those alone that
   * come before it. Each may be synced by itself, or none.
   */
  readonly between?: ReadonlyMap<string, FileHistory>
  /** The paths of files that were there, but are no text that can be read. */
  readonly unreadable?: ReadonlySet<string>
  /** The paths of those files whose Services are missed where they are gone; without it nothing is missed. */
  readonly asked?: ReadonlySet<string>
  /** Set where the base commit has no files at all: of what was there before it, it tells nothing. */
  readonly isEmpty?: true
  /** Files of the newer side that are not judged: a Service that stands in one has not moved away. */
  readonly elsewhere?: readonly SourceFile[]
}

/** The configurations of both sides of a change; none where a side has no file. */
export type Policy = {
  /** The base commit, as users know it. */
  readonly base: string
  readonly before?: SourceFile
  readonly after?: SourceFile
}

/** What a run is to do. Without a move it only judges. */
export type Request = {
  /** `[NAMESPACE/]NAME` patterns; none means every Service. */
  readonly services?: readonly string[]
  /**
   * Those of `services` that were typed in place of a path, or that a namespace alone gave. Where nothing is to happen to
   * all, each of them must mean one Service to move it.
   */
  readonly typed?: ReadonlyMap<string, 'word' | 'namespace'>
  /** The files, by their paths, that users named one by one: where one holds nothing to validate, that is said. */
  readonly named?: ReadonlySet<string>
  /** Whether a move may touch more than one Service without naming them. */
  readonly all?: boolean
  readonly move?: MoveRequest
  /** Whether a move also writes out the defaults that a template with its own name needs for later commits. */
  readonly spell?: boolean
  /** The codes of optional rules that are to judge as well. */
  readonly enabled?: readonly string[]
  /** Whether what is found is to be mended: forms that no cluster keeps, for example, are not worth a word otherwise. */
  readonly isMending?: boolean
  /** Whose rules judge every Service; without it, each tells by its own keys. */
  readonly profile?: Profile
  /** The schema that judges shapes in place of the built-in one. */
  readonly shape?: Shape
  /** How loud codes are; any severity turns an optional rule on. Refusals, and files that cannot be read, stay errors. */
  readonly severities?: Severities
  /** The older side of a change: each Service is judged by how it got from there to what its file says, too. */
  readonly base?: Base
  /** The files, by their paths, that anything is said of; the others are only neighbours. Without it, all of them. */
  readonly about?: ReadonlySet<string>
  /** A configuration file. What `severities` says counts more; where it is not valid nothing else is judged. */
  readonly configuration?: SourceFile
  /** ConfigMaps of the cluster as kubectl saved them. What they say counts more than `configuration`. */
  readonly cluster?: SourceFile
  /** What a change does to the configuration, where that is judged as well; `configuration` then is the older one. */
  readonly policy?: Policy
  /** What Git knows of the files, by their path. Reading it takes time: `Outcome.needsPast` says whether it would help. */
  readonly histories?: ReadonlyMap<string, FileHistory>
  /** What `kubectl get ksvc,revisions -o yaml` printed: it tells what files leave open, and what is not ready. */
  readonly live?: SnapshotFile
  /** How URLs are made. What this says counts more than the configuration. */
  readonly urls?: UrlSpec
  /** What stands around the files in their repository. Finding it takes time; without it nothing of it is checked. */
  readonly surroundings?: Surroundings
  /** The path of a kustomization: what decides on the traffic of its Services moves, in whichever file that is. */
  readonly overlay?: string
  /** Whether a move of an overlay may change others that take their traffic from the same place. */
  readonly shared?: boolean
  /** Whether an overlay that lacks traffic, or an entry of `images`, of its own is given it. */
  readonly init?: boolean
  /** The command line, for helps that repeat it with an option more. */
  readonly commandLine?: string
  /** Whether traffic moves that another controller owns. */
  readonly force?: boolean
  /** The time of the run in seconds since 1970; without it nothing that takes time is over. */
  readonly now?: number
}

/** What a snapshot shows of a Service that moves: it need not be looked up again. */
type ShownLive = {
  readonly file: string
  /** The revisions that it shows as ready. */
  readonly ready: readonly string[]
  /** Set where the cluster had the traffic that the file has before the move. */
  readonly isSame?: true
}

/** One Service that moves. */
export type Change = {
  readonly service: string
  readonly name: string
  /** The name that kustomizations give it, where that is another one. */
  readonly builtName?: string
  /** Where it is applied: the namespace of the roots that build it, else the one of its file. */
  readonly namespace?: string
  /** Where it is to be found. */
  readonly address: Address
  /** What the snapshot shows of it, where there is one that does. */
  readonly shown?: ShownLive
  /** The revision name that its template brings along. */
  readonly templateName?: string
  /** The plan that it follows. */
  readonly plan: RolloutPlan
  /** Whether its file holds no other Service. */
  readonly isOnly: boolean
  /** The file that decides on its traffic, where only another one changes. */
  readonly trafficIn?: SourceFile
  readonly stage: string
  readonly before: readonly TrafficTarget[]
  readonly after: readonly TrafficTarget[]
  readonly roles: Pick<Wish, 'stable' | 'candidate'>
  /** What decided on the candidate's percent, where no flag and no fixed stage did. */
  readonly percentBy?: string
  /** What becomes of the template, where that changes. */
  readonly template?: TemplateChange
  readonly notes: readonly CommentNote[]
}

/** One file that changes: proved edits, the text they give, the patch that shows them. */
export type FileChange = {
  readonly file: SourceFile
  readonly edits: readonly Edit[]
  readonly text: string
  readonly patch: string
  readonly changes: readonly Change[]
  /** Set where the file is not there yet. */
  readonly isNew?: true
  /** Services that move by this file too, and are shown with their own. */
  readonly also?: readonly Change[]
  /** Comments that mending the file touches. */
  readonly notes?: readonly CommentNote[]
}

/** One diagnostic that was mended, where its field stood before. */
export type Fixed = {
  readonly code: string
  /** What was done, in one line. */
  readonly description: string
  readonly file: string
  readonly range?: Range
  readonly path: string
  readonly service?: string
}

/** One Knative Service that a run looked at. */
export type ServiceRow = {
  readonly file: string
  /** Where its name stands. */
  readonly range: Range
  readonly name: string
  readonly namespace?: string
  /** Whose rules judged it. */
  readonly profile: Profile
  /** The folder of the kustomize root that applies it, where one builds it. */
  readonly root?: string
  /** Set where it was judged as a patch: for what it has. */
  readonly isPatch?: true
  /** Where a change is judged: its targets at the base, absent for a new Service, and now; absent where they cannot be read. */
  readonly way?: {
    readonly from?: readonly TrafficTarget[]
    readonly to?: readonly TrafficTarget[]
    /** Set where the whole Service is what it was: another one of its file differs, or its text alone. */
    readonly isUnchanged?: true
    /** Set where it may have been there at the base, and nobody can say how. */
    readonly isUnknown?: true
  }
}

/** A commit that a user named: as it was typed, and the full hash of the commit that it led to. */
export type NamedCommit = { readonly ref: string; readonly commit: string }

/** The two sides of a change. */
export type Compared = {
  /** What `--since` says, and the commit that it and the head have in common. */
  readonly base: NamedCommit
  /** Absent where it is the working tree. */
  readonly head?: NamedCommit
}

/** What a run found out. Places are offsets; reports turn them into lines and columns. */
export type Outcome = {
  readonly files: readonly SourceFile[]
  /** How many Routes were validated. */
  readonly routes?: number
  /** How many of the files, the last ones, only stand around those that the run is about. */
  readonly around?: number
  /** The Knative Services that were looked at. */
  readonly services: readonly ServiceRow[]
  readonly diagnostics: readonly Diagnostic[]
  /** How many diagnostics comments in the files have silenced. */
  readonly silenced?: number
  readonly changes: readonly FileChange[]
  /** Set where histories were not given and may have decided otherwise. */
  readonly needsPast?: true
  /** How URLs are made, and whether nobody has named the domain. */
  readonly urls?: { readonly scheme: UrlScheme; readonly isAssumed: boolean }
  /** The kustomization that an overlay was named by, and whether what others share was to move as well. */
  readonly overlay?: { readonly file: SourceFile; readonly isShared: boolean }
  /** The schema that judged shapes, where it was not the built-in one. */
  readonly schema?: Pick<Shape, 'file' | 'kind'>
  /** The sides of the change, where one was judged. */
  readonly compared?: Compared
  /** What was mended, where that was asked for; `diagnostics` then are what is left. */
  readonly fixes?: readonly Fixed[]
  /** How many findings `validate --fix` would fix; absent where nobody has counted. */
  readonly fixable?: number
}
