// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// Every step from every state: one leads in, one leads out, and each refuses by itself, whoever calls it.

import {DeviceStates} from "../../../contracts/registry/DeviceStates.sol";
import {IMinerRegistry as I} from "../../../contracts/registry/IMinerRegistry.sol";
import {RegistryBase} from "../support/RegistryBase.t.sol";

/// @dev The library, callable.
contract Steps {
    function enrol(address device, I.DeviceStatus status) external pure returns (I.DeviceStatus) {
        return DeviceStates.enrol(device, status);
    }

    function retire(address device, I.DeviceStatus status) external pure returns (I.DeviceStatus) {
        return DeviceStates.retire(device, status);
    }

    function requireActive(address device, I.DeviceStatus status) external pure {
        DeviceStates.requireActive(device, status);
    }

    function grow(uint256 manufacturerId, uint32 active, uint256 deviceCap) external pure returns (uint32) {
        return DeviceStates.grow(manufacturerId, active, deviceCap);
    }
}

contract DeviceStatesTest is RegistryBase {
    Steps private steps;

    function setUp() public override {
        steps = new Steps();
    }

    function test_only_an_unknown_device_enrols() public {
        _eq("None", uint256(steps.enrol(device, I.DeviceStatus.None)), uint256(I.DeviceStatus.Active));
        _expectRefusal(I.DeviceStatus.Active);
        steps.enrol(device, I.DeviceStatus.Active);
        _expectRefusal(I.DeviceStatus.Retired);
        steps.enrol(device, I.DeviceStatus.Retired);
    }

    function test_only_an_active_device_retires() public {
        _eq("Active", uint256(steps.retire(device, I.DeviceStatus.Active)), uint256(I.DeviceStatus.Retired));
        _expectRefusal(I.DeviceStatus.None);
        steps.retire(device, I.DeviceStatus.None);
        _expectRefusal(I.DeviceStatus.Retired);
        steps.retire(device, I.DeviceStatus.Retired);
    }

    function test_only_an_active_device_is_used() public {
        steps.requireActive(device, I.DeviceStatus.Active);
        _expectRefusal(I.DeviceStatus.None);
        steps.requireActive(device, I.DeviceStatus.None);
        _expectRefusal(I.DeviceStatus.Retired);
        steps.requireActive(device, I.DeviceStatus.Retired);
    }

    /// A cap may be lowered below the fleet that is there.
    function test_a_fleet_grows_below_its_cap_alone() public {
        _eq("the last place", steps.grow(9, 4, 5), 5);
        vm.expectRevert(abi.encodeWithSelector(I.DeviceCapReached.selector, 9, 5));
        steps.grow(9, 5, 5);
        vm.expectRevert(abi.encodeWithSelector(I.DeviceCapReached.selector, 9, 5));
        steps.grow(9, 6, 5);
        vm.expectRevert(abi.encodeWithSelector(I.DeviceCapReached.selector, 9, 0));
        steps.grow(9, 0, 0);
    }

    function _expectRefusal(I.DeviceStatus status) private {
        vm.expectRevert(abi.encodeWithSelector(I.DeviceStatusRefused.selector, device, status));
    }
}
