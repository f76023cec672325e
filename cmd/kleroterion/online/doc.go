// Package online is the part of the command line that asks a running service, over HTTP and with the
// key of an official.
//
// [Start] asks for a lottery over panels and follows it until it is ready; [Check] asks at once whether
// quotas can be met and what to change. [Show], [List], [Cancel] and [Save] are what one does with a
// lottery afterwards.
//
// It refuses a key file that is not one token, and a file of quotas or ids that is too long to send.
// What the service refuses comes back as a *problem.Problem.
package online
