/** Why the rules about the metadata of the Service and of its template hold, by code. */
export const metadataWhys: Readonly<Record<`KN3${string}`, string>> = {
  KN330:
    'The cluster stores an object under its name, and kubectl does not even send one that has none. Write a `metadata.name` that stays the same, since the URL is made from it.',
  KN331:
    'The name becomes the first part of the URL, so the cluster takes only what a host name can begin with. Use at most 63 lower-case letters, digits and dashes, and begin with a letter.',
  KN332:
    'The namespace is a part of the host name as well, and no namespace with such a name can be made. Use lower-case letters, digits and dashes.',
  KN333:
    'Other objects find this one by its labels, so their syntax is narrow and the cluster refuses what does not fit. Free text, spaces and long values belong into an annotation.',
  KN334:
    'An annotation may say anything, but under a proper key: a short name, with a host name and a slash before it if you like. All of them together may not exceed 256 KiB.',
  KN335:
    'The autoscaler works on revisions, and those inherit from the template alone. On the Service such an annotation would be without effect, so it is refused: move it to `spec.template.metadata.annotations`.',
  KN336:
    'Knative reads this text as a Go duration, which has hours, minutes and seconds but no days and no bare numbers, and takes whole seconds only. Write it like 380s, 10m or 1h30m.',
  KN337:
    'The garbage collector follows owner references to learn what may be deleted, so half of one is refused. They are set by controllers on the live object and have no place in Git: remove it.',
  KN338:
    'A finalizer holds back a deletion until the controller that knows its name has removed it, so the name must be qualified like a label key. Write it like example.com/clean-up, or leave it to the controller.',
  KN339:
    'This number says which state of the live object was read. In a file it is stale at once: nothing can be created with it, and an update that carries it meets a conflict. Remove it.',
  KN340:
    'These bounds count pods, so they are whole numbers from 0 on; for max-scale, 0 stands for no limit. Anything else is refused with the whole Service.',
  KN341:
    'The autoscaler cannot keep at least more pods than it may run at most, and the cluster refuses to guess which of the two you meant. Raise max-scale, or lower min-scale.',
  KN342:
    'This is how many pods start when the first request finds none. One is the normal case and needs no annotation, and a number outside of min-scale and max-scale could not be kept: it must be 2 or more, within both.',
  KN343:
    'A new revision first has to show that it can run, with as many pods as this says. A stock cluster does not allow it to show that with none: write 1 or more, or leave it out.',
  KN344:
    'The autoscaler calculates with these numbers, and a text it cannot read, or one out of bounds, is refused. Write plain numbers: no units and no percent sign.',
  KN345:
    'The windows say how long the autoscaler looks back before it acts. They are Go durations such as 60s, and the cluster refuses those below the shortest it can work with as well as those above one hour.',
  KN346:
    'A class names the controller that scales the revision; within knative.dev there are kpa and hpa only. With a misspelt one nobody would answer and the revision would never scale, so it is refused.',
  KN347:
    'Each class scales by metrics of its own: kpa counts requests, hpa looks at processor and memory. Choose a metric of the class you have, or set the class that knows this metric.',
  KN348:
    'This chooses how the samples of a window are condensed into one number, and two ways are built in. Any other word is refused: write linear or weighted-exponential, or nothing.',
  KN349:
    'Newer clusters refuse a networking annotation on the template that they do not know, since it would be passed on and do nothing. Visibility, for one, is a label of the Service.',
  KN350:
    'After this time a deployment that is not ready counts as failed. It is a Go duration in whole seconds, more than none: write 90s or 10m.',
  KN351:
    'Beside each container runs the proxy of Knative, whose share of processor and memory these annotations set. They are quantities as everywhere in Kubernetes, such as 100m or 200Mi.',
  KN352:
    "This sizes the proxy as a percentage of the container's resources, and the cluster takes 0.1 to 100. To go beyond that, set the resources of the proxy themselves.",
  KN353:
    'The Service is admitted, since nobody looks into the metadata of its template. The Revision that is then made from it is refused, so nothing new ever starts: give labels and annotations the syntax that every object asks for.',
  KN354:
    'What the cluster writes into an object describes that live object. In Git it is out of date with the next change, is ignored at best, and makes an apply fail at worst: remove it.',
}
