// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {DeviceStates} from "../../contracts/registry/DeviceStates.sol";
import {IMinerRegistry} from "../../contracts/registry/IMinerRegistry.sol";

/// @title One step of a device, and of its fleet, from any state; see README.md for why one step is enough
contract Device {
    IMinerRegistry.DeviceStatus private constant NONE = IMinerRegistry.DeviceStatus.None;
    IMinerRegistry.DeviceStatus private constant ACTIVE = IMinerRegistry.DeviceStatus.Active;
    IMinerRegistry.DeviceStatus private constant RETIRED = IMinerRegistry.DeviceStatus.Retired;

    enum Step {
        Enrol,
        Retire,
        Use
    }

    function retired(Step step, address device, IMinerRegistry.DeviceStatus status) external pure {
        _take(step, device, status);
        /// Proves: every step of a retired device is refused
        assert(status != RETIRED);
    }

    function enrolled(Step step, address device, IMinerRegistry.DeviceStatus status) external pure {
        IMinerRegistry.DeviceStatus next = _take(step, device, status);
        /// Proves: a device is enrolled once, and nothing else happens to one that is not
        assert((step == Step.Enrol) == (status == NONE) && next != NONE);
    }

    function left(Step step, address device, IMinerRegistry.DeviceStatus status) external pure {
        IMinerRegistry.DeviceStatus next = _take(step, device, status);
        /// Proves: a device is active from its enrolment until it is retired
        assert(next == (step == Step.Retire ? RETIRED : ACTIVE));
    }

    function joined(uint32 others, address device, IMinerRegistry.DeviceStatus status, uint256 cap) external pure {
        // A fleet counts its active devices: this one, if it is, and the others.
        uint32 grown = DeviceStates.grow(0, status == ACTIVE ? others + 1 : others, cap);
        bool counts = DeviceStates.enrol(device, status) == ACTIVE;
        /// Proves: a fleet counts its active devices still when one is enrolled
        assert(counts ? grown - 1 == others : grown == others);
    }

    function ended(uint32 others, address device, IMinerRegistry.DeviceStatus status) external pure {
        uint32 shrunk = DeviceStates.shrink(status == ACTIVE ? others + 1 : others);
        bool counts = DeviceStates.retire(device, status) == ACTIVE;
        /// Proves: a fleet counts its active devices still when one is retired
        assert(counts ? shrunk - 1 == others : shrunk == others);
    }

    function rotated(
        uint32 others,
        address device,
        address successor,
        IMinerRegistry.DeviceStatus status,
        IMinerRegistry.DeviceStatus successorStatus
    ) external pure {
        uint256 fleet = uint256(others) + (status == ACTIVE ? 1 : 0) + (successorStatus == ACTIVE ? 1 : 0);
        bool counts = DeviceStates.retire(device, status) == ACTIVE;
        bool successorCounts = DeviceStates.enrol(successor, successorStatus) == ACTIVE;
        /// Proves: a fleet counts its active devices still when one takes the place of another
        assert(fleet == uint256(others) + (counts ? 1 : 0) + (successorCounts ? 1 : 0));
    }

    function capped(uint32 active, uint256 cap) external pure {
        /// Proves: no enrolment makes a fleet larger than its cap
        assert(DeviceStates.grow(0, active, cap) <= cap);
    }

    function _take(
        Step step,
        address device,
        IMinerRegistry.DeviceStatus status
    ) private pure returns (IMinerRegistry.DeviceStatus) {
        if (step == Step.Enrol) return DeviceStates.enrol(device, status);
        if (step == Step.Retire) return DeviceStates.retire(device, status);
        DeviceStates.requireActive(device, status);
        return status;
    }
}
