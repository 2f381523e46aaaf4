// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IMinerRegistry} from "./IMinerRegistry.sol";

/**
 * @title States of a device, and the size of its fleet
 * @notice Every step a device can take. Nothing leads out of Retired, and the fleet counts what is Active: enrolling adds one,
 * retiring takes one, rotating (one key enrolled, one retired) neither. Pure, so that it can be proven.
 */
library DeviceStates {
    /// @notice None -> Active.
    /// @param device Named in the refusal.
    function enrol(
        address device,
        IMinerRegistry.DeviceStatus status
    ) internal pure returns (IMinerRegistry.DeviceStatus) {
        require(status == IMinerRegistry.DeviceStatus.None, IMinerRegistry.DeviceStatusRefused(device, status));
        return IMinerRegistry.DeviceStatus.Active;
    }

    /// @notice Active -> Retired.
    function retire(
        address device,
        IMinerRegistry.DeviceStatus status
    ) internal pure returns (IMinerRegistry.DeviceStatus) {
        requireActive(device, status);
        return IMinerRegistry.DeviceStatus.Retired;
    }

    /// @notice What an owner does to a device needs it Active.
    function requireActive(address device, IMinerRegistry.DeviceStatus status) internal pure {
        require(status == IMinerRegistry.DeviceStatus.Active, IMinerRegistry.DeviceStatusRefused(device, status));
    }

    /// @notice The fleet with one more device, within the licence's cap.
    function grow(uint256 manufacturerId, uint32 active, uint256 deviceCap) internal pure returns (uint32) {
        require(active < deviceCap, IMinerRegistry.DeviceCapReached(manufacturerId, deviceCap));
        return active + 1;
    }

    /// @notice The fleet with one device less.
    function shrink(uint32 active) internal pure returns (uint32) {
        return active - 1;
    }
}
