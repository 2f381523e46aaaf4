// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// Whatever makers, owners and governance do in whatever order:
//   fleetOf(licence) = |{device: Active under licence}|
//   Retired(device) stays Retired(device)
//   deviceOf(owner, vehicle) = device  <=>  vehicleOf(device) = vehicle, ownerOf(device) = owner, vehicle != 0
//   effective(device)  <=>  Active(device) and active(licence of device)
//   offeredTo(device) != 0  =>  Active(device)

import {IMinerRegistry as I} from "../../../contracts/registry/IMinerRegistry.sol";
import {EnrolmentBase} from "../support/EnrolmentBase.t.sol";

/// @dev What may happen to eight devices, four on each curve, of two licences and three owners. Steps that the registry
/// refuses are refused here, so that runs go on.
contract Fleet is EnrolmentBase {
    uint256 public constant DEVICES = 8;
    uint256 public constant OWNERS = 3;
    uint256 public constant VEHICLES = 3;
    uint256 public second;
    mapping(address device => bool) public everRetired;
    uint256 public batches;

    constructor() {
        setUp();
        second = _licence();
    }

    /// @dev Once: the fuzzer calls whatever is public.
    function setUp() public override {
        if (licence == 0) super.setUp();
    }

    function deviceAt(uint256 index) public pure returns (address) {
        return index % 2 == 0 ? vm.addr(_key(index)) : _addrP256(_key(index));
    }

    function ownerAt(uint256 index) public pure returns (address) {
        return address(uint160(0x1000 + (index % OWNERS)));
    }

    function vehicleAt(uint256 index) public pure returns (bytes32) {
        return bytes32(1 + (index % VEHICLES));
    }

    function infoAt(uint256 index) external view returns (I.DeviceInfo memory) {
        return miners.deviceInfo(deviceAt(index));
    }

    function fleetOf(uint256 manufacturerId) external view returns (uint256) {
        return miners.fleetOf(manufacturerId);
    }

    function isActive(uint256 manufacturerId) external view returns (bool) {
        return manufacturers.isActive(manufacturerId);
    }

    function deviceOf(address owner, bytes32 vehicle) external view returns (address) {
        return miners.deviceOf(owner, vehicle);
    }

    function offeredTo(uint256 index) external view returns (address) {
        return miners.offeredTo(deviceAt(index));
    }

    function firstLicence() external view returns (uint256) {
        return licence;
    }

    function enrol(uint256 index, uint256 owner, bool other) external {
        I.Enrolment memory e = _enrolment(deviceAt(index));
        e.owner = ownerAt(owner);
        e.manufacturerId = other ? second : licence;
        e.nonce = miners.nonceOf(e.manufacturerId);
        e.deadline = block.timestamp;
        bytes32 digest = _digest(e);
        _try(abi.encodeCall(I.enrol, (e, _sign(MAKER_KEY, digest), _possess(index, digest))), address(this));
    }

    function enrolFromBatch(uint256 index, uint256 owner) external {
        I.EnrolmentBatch memory b = _terms(1);
        b.deadline = type(uint256).max - ++batches;
        b.root = _leaf(b, 0, deviceAt(index));
        bytes32 batchId = _digest(b);
        _try(abi.encodeCall(I.postBatch, (b, _sign(MAKER_KEY, batchId))), address(this));
        I.BatchClaim memory c = _claim(0, deviceAt(index));
        (c.owner, c.deadline) = (ownerAt(owner), block.timestamp);
        bytes memory byDevice = _possess(index, _digest(c, batchId));
        _try(abi.encodeCall(I.enrolFromBatch, (b, c, new bytes32[](0), byDevice)), address(this));
    }

    function rotate(uint256 from, uint256 to) external {
        I.Rotation memory r = I.Rotation(deviceAt(from), deviceAt(to), 0, block.timestamp);
        I.DeviceInfo memory info = miners.deviceInfo(r.device);
        r.nonce = miners.nonceOf(info.manufacturerId);
        bytes32 digest = _digest(r);
        bytes memory call = abi.encodeCall(I.rotate, (r, _sign(MAKER_KEY, digest), _possess(to, digest)));
        if (_try(call, info.owner)) everRetired[r.device] = true;
    }

    function retire(uint256 index, bool byVote) external {
        address target = deviceAt(index);
        address caller = byVote ? address(this) : miners.deviceInfo(target).owner;
        if (_try(abi.encodeCall(I.retire, (target, "")), caller)) everRetired[target] = true;
    }

    function pair(uint256 index, uint256 vehicle) external {
        _byOwner(index, abi.encodeCall(I.pair, (deviceAt(index), vehicleAt(vehicle))));
    }

    function unpair(uint256 index) external {
        _byOwner(index, abi.encodeCall(I.unpair, (deviceAt(index))));
    }

    function offer(uint256 index, uint256 to) external {
        _byOwner(index, abi.encodeCall(I.offer, (deviceAt(index), ownerAt(to))));
    }

    function accept(uint256 index, uint256 by) external {
        _try(abi.encodeCall(I.accept, (deviceAt(index))), ownerAt(by));
    }

    function toggle(bool other) external {
        uint256 id = other ? second : licence;
        if (manufacturers.isActive(id)) manufacturers.suspend(id, "");
        else manufacturers.reinstate(id);
    }

    function moveNonce(bool other) external {
        _try(abi.encodeCall(I.moveNonce, (other ? second : licence)), maker);
    }

    function _byOwner(uint256 index, bytes memory call) private {
        _try(call, miners.deviceInfo(deviceAt(index)).owner);
    }

    function _try(bytes memory call, address caller) private returns (bool passed) {
        vm.prank(caller);
        (passed, ) = address(miners).call(call);
    }

    function _possess(uint256 index, bytes32 digest) private pure returns (bytes memory) {
        return index % 2 == 0 ? _sign(_key(index), digest) : _signP256(_key(index), digest);
    }

    function _key(uint256 index) private pure returns (uint256) {
        return 100 + (index % DEVICES);
    }
}

contract MinerRegistryInvariants {
    Fleet private fleet;

    error Broken(string what, uint256 index);

    function setUp() public {
        fleet = new Fleet();
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(fleet);
    }

    function invariant_a_fleet_is_its_active_devices() public view {
        for (uint256 id = fleet.firstLicence(); id <= fleet.second(); ++id) {
            uint256 active = 0;
            for (uint256 i = 0; i < fleet.DEVICES(); ++i) {
                I.DeviceInfo memory info = fleet.infoAt(i);
                if (info.status == I.DeviceStatus.Active && info.manufacturerId == id) ++active;
            }
            if (fleet.fleetOf(id) != active) revert Broken("fleet", id);
        }
    }

    function invariant_a_retired_key_never_returns() public view {
        for (uint256 i = 0; i < fleet.DEVICES(); ++i) {
            bool retired = fleet.infoAt(i).status == I.DeviceStatus.Retired;
            if (retired != fleet.everRetired(fleet.deviceAt(i))) revert Broken("retired", i);
            if (retired != (fleet.infoAt(i).retiredAt != 0)) revert Broken("retiredAt", i);
        }
    }

    function invariant_pairing_is_a_bijection() public view {
        for (uint256 i = 0; i < fleet.DEVICES(); ++i) {
            I.DeviceInfo memory info = fleet.infoAt(i);
            if (info.vehicle == 0) continue;
            if (info.status != I.DeviceStatus.Active) revert Broken("paired, not active", i);
            if (fleet.deviceOf(info.owner, info.vehicle) != fleet.deviceAt(i)) revert Broken("device's vehicle", i);
        }
        for (uint256 o = 0; o < fleet.OWNERS(); ++o) {
            for (uint256 v = 0; v < fleet.VEHICLES(); ++v) _checkVehicle(fleet.ownerAt(o), fleet.vehicleAt(v));
        }
    }

    function invariant_a_device_counts_only_under_an_active_licence() public view {
        for (uint256 i = 0; i < fleet.DEVICES(); ++i) {
            I.DeviceInfo memory info = fleet.infoAt(i);
            bool expected = info.status == I.DeviceStatus.Active && fleet.isActive(info.manufacturerId);
            if (info.effective != expected) revert Broken("effective", i);
        }
    }

    function invariant_only_active_devices_are_on_offer() public view {
        for (uint256 i = 0; i < fleet.DEVICES(); ++i) {
            bool offered = fleet.offeredTo(i) != address(0);
            if (offered && fleet.infoAt(i).status != I.DeviceStatus.Active) revert Broken("offer", i);
        }
    }

    function _checkVehicle(address owner, bytes32 vehicle) private view {
        address paired = fleet.deviceOf(owner, vehicle);
        if (paired == address(0)) return;
        for (uint256 i = 0; i < fleet.DEVICES(); ++i) {
            if (fleet.deviceAt(i) != paired) continue;
            I.DeviceInfo memory info = fleet.infoAt(i);
            if (info.owner != owner || info.vehicle != vehicle) revert Broken("vehicle's device", i);
            return;
        }
        revert Broken("vehicle's device unknown", 0);
    }
}
